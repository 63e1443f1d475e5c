// Entry point. Hooks for what the service opens, asks and closes go here: see the README.
import './service/signals.ts';
import { createApp } from './app.ts';
import { loadConfig } from './config.ts';
//% if cookiecutter.database != 'none'
import { isReady, onClose, onStart } from './database.ts';
//% endif
import { startService } from './service/start.ts';

//% if cookiecutter.database == 'none'
await startService({ loadConfig, createApp });
//% else
await startService({ loadConfig, createApp, onStart, isReady, onClose });
//% endif
