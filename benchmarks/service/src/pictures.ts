// Pictures of articles: made smaller, then stored.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import express from 'express';
import multer from 'multer';
import sharp from 'sharp';
import { signedIn } from './accounts.ts';
import { bucket } from './connections.ts';

const upload = multer({ limits: { fileSize: 10_000_000 } });

/** Makes a picture at most this wide, as WebP. */
export function shrink(picture: Buffer, width: number) {
  return sharp(picture).resize({ width, withoutEnlargement: true }).webp().toBuffer();
}

export const pictures = express.Router();

pictures.put('/:name', signedIn, upload.single('picture'), async (req, res) => {
  const Body = await shrink(req.file?.buffer ?? Buffer.alloc(0), 800);
  await bucket.send(new PutObjectCommand({ Bucket: 'pictures', Key: String(req.params.name), Body }));
  res.status(204).end();
});
