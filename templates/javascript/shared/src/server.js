// Entry point. Hooks for what the service opens, asks and closes go here: see the README.
import './service/signals.js';
import { createApp } from './app.js';
import { loadConfig } from './config.js';
//% if cookiecutter.metrics == 'prometheus'
import { withMetrics } from './service/metrics.js';
//% endif
import { startService } from './service/start.js';

//% if cookiecutter.metrics == 'prometheus'
await startService(withMetrics({ loadConfig, createApp }));
//% else
await startService({ loadConfig, createApp });
//% endif
