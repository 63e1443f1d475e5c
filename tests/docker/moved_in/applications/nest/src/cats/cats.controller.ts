// The routes of the cats.
import { Body, Controller, Get, NotFoundException, Param, ParseIntPipe, Post } from '@nestjs/common';
import { NewCat } from './cat';
import { CatsService } from './cats.service';

@Controller('cats')
export class CatsController {
  constructor(private readonly cats: CatsService) {}

  @Post()
  add(@Body() cat: NewCat) {
    return this.cats.add(cat);
  }

  @Get(':id')
  find(@Param('id', ParseIntPipe) id: number) {
    const cat = this.cats.find(id);
    if (!cat) throw new NotFoundException();
    return cat;
  }
}
