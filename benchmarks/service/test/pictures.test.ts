import assert from 'node:assert/strict';
import test from 'node:test';
import sharp from 'sharp';
import { shrink } from '../src/pictures.ts';

test('a picture is made as wide as asked', async () => {
  const picture = await sharp({ create: { width: 90, height: 30, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const { width, height } = await sharp(await shrink(picture, 30)).metadata();
  assert.deepEqual({ width, height }, { width: 30, height: 10 });
});
