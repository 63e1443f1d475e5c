// Starts the application.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule, validation } from './app.module';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  app.useGlobalPipes(validation);
  app.enableShutdownHooks();
  await app.listen(process.env.PORT ?? 3000);
}

void bootstrap();
