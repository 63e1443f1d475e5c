// Entry point. Hooks for what the service opens, asks and closes go here: see the README.
import './service/signals.js';
import { createApp } from './app.js';
import { loadConfig } from './config.js';
import { startService } from './service/start.js';

await startService({ loadConfig, createApp });
