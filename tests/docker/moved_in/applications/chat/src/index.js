// Serves the chat, and says goodbye to all clients when it stops.
const { createChat } = require('./chat');

const { server, io } = createChat();
server.listen(process.env.PORT || 3000);

process.on('SIGTERM', () => {
  io.emit('notice', 'the server stops');
  io.close(() => process.exit(0));
});
