// Opens the database and serves the application until the process is told to stop.
const { createApp } = require('./app');
const { openStore } = require('./store');

const store = openStore(process.env.DATABASE_FILE || 'todo.db');
const server = createApp(store).listen(process.env.PORT || 3000, () => {
  console.log('listening on', server.address().port);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.close(() => {
      store.close();
      process.exit(0);
    });
    server.closeIdleConnections();
  });
}
