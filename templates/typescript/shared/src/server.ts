// Entry point. Hooks for what the service opens, asks and closes go here: see the README.
import './service/signals.ts';
import { createApp } from './app.ts';
import { loadConfig } from './config.ts';
import { startService } from './service/start.ts';

await startService({ loadConfig, createApp });
