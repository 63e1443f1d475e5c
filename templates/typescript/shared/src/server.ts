// Entry point. Hooks for what the service opens, asks and closes go here: see the README.
import './service/signals.ts';
import { createApp } from './app.ts';
import { loadConfig } from './config.ts';
//% if cookiecutter.database != 'none'
import { isReady, onClose, onStart } from './database.ts';
//% endif
//% if cookiecutter.metrics == 'prometheus'
import { withMetrics } from './service/metrics.ts';
//% endif
import { startService } from './service/start.ts';

//% if cookiecutter.database == 'none' and cookiecutter.metrics == 'none'
await startService({ loadConfig, createApp });
//% elif cookiecutter.metrics == 'none'
await startService({ loadConfig, createApp, onStart, isReady, onClose });
//% elif cookiecutter.database == 'none'
await startService(withMetrics({ loadConfig, createApp }));
//% else
await startService(withMetrics({ loadConfig, createApp, onStart, isReady, onClose }));
//% endif
