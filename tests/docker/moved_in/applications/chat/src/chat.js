// The page, and the rooms in which messages are passed on.
const http = require('node:http');
const path = require('node:path');
const express = require('express');
const { Server } = require('socket.io');

exports.createChat = function createChat() {
  const app = express();
  app.use(express.static(path.join(__dirname, '../public')));
  const server = http.createServer(app);
  const io = new Server(server);

  io.on('connection', (socket) => {
    socket.on('join', (room, done) => {
      socket.join(room);
      socket.to(room).emit('notice', 'somebody came');
      done?.(io.sockets.adapter.rooms.get(room).size);
    });
    socket.on('say', (room, text) => io.to(room).emit('said', String(text).slice(0, 500)));
  });

  return { server, io };
};
