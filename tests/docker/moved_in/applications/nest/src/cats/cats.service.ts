// Keeps the cats.
import { Injectable } from '@nestjs/common';
import { Cat, NewCat } from './cat';

@Injectable()
export class CatsService {
  private readonly cats: Cat[] = [];

  add(cat: NewCat): Cat {
    const added = { ...cat, id: this.cats.length + 1 };
    this.cats.push(added);
    return added;
  }

  find(id: number): Cat | undefined {
    return this.cats.find((cat) => cat.id === id);
  }
}
