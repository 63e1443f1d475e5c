// Entry point. Hooks for what the service opens, asks and closes go here: see the README.
import './service/signals.js';
import { createApp } from './app.js';
import { loadConfig } from './config.js';
//% if cookiecutter.database != 'none'
import { isReady, onClose, onStart } from './database.js';
//% endif
import { startService } from './service/start.js';

//% if cookiecutter.database == 'none'
await startService({ loadConfig, createApp });
//% else
await startService({ loadConfig, createApp, onStart, isReady, onClose });
//% endif
