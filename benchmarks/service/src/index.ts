// What listens, where no template does.
import { app } from './app.ts';

app.listen(3000);
