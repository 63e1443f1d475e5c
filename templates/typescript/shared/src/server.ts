// Entry point. Hooks for what the service opens, asks and closes go here: see the README.
import './service/signals.ts';
import { createApp } from './app.ts';
import { loadConfig } from './config.ts';
//% if cookiecutter.metrics == 'prometheus'
import { withMetrics } from './service/metrics.ts';
//% endif
import { startService } from './service/start.ts';

//% if cookiecutter.metrics == 'prometheus'
await startService(withMetrics({ loadConfig, createApp }));
//% else
await startService({ loadConfig, createApp });
//% endif
