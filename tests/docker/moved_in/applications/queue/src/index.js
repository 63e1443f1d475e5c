// Serves the application.
import { app } from './app.js';

app.listen(process.env.PORT ?? 3000);
