// A cat, and what is needed to add one.
import { IsEnum, IsInt, IsString, Min } from 'class-validator';

export enum Colour {
  Black = 'black',
  Ginger = 'ginger',
}

export class NewCat {
  @IsString()
  name: string;

  @IsInt()
  @Min(0)
  age: number;

  @IsEnum(Colour)
  colour: Colour = Colour.Black;
}

export class Cat extends NewCat {
  id: number;
}
