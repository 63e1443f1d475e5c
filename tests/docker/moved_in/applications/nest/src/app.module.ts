// The modules, and how input is checked.
import { Controller, Get, Module, ValidationPipe } from '@nestjs/common';
import { CatsController } from './cats/cats.controller';
import { CatsService } from './cats/cats.service';

export const validation = new ValidationPipe({ whitelist: true, transform: true });

@Controller()
class HealthController {
  @Get('health')
  health() {
    return { status: 'ok' };
  }
}

@Module({ controllers: [HealthController, CatsController], providers: [CatsService] })
export class AppModule {}
