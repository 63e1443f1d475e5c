// Ordinary work that needs room: GET /work/NAME does it, and answers what it made.
import ExcelJS from 'exceljs';
import sharp from 'sharp';

export const work = {
  async workbook() {
    const workbook = new ExcelJS.Workbook();
    const sheet = workbook.addWorksheet('rows');
    for (let row = 0; row < 50_000; row += 1) {
      sheet.addRow(Array.from({ length: 10 }, (_, column) => (column % 2 ? row * column : `text ${row} ${column}`)));
    }
    const buffer = await workbook.xlsx.writeBuffer();
    const again = new ExcelJS.Workbook();
    await again.xlsx.load(buffer);
    return again.getWorksheet('rows').rowCount;
  },
  async photos() {
    const raw = Buffer.alloc(6000 * 4000 * 3, 7);
    const photo = await sharp(raw, { raw: { width: 6000, height: 4000, channels: 3 } }).jpeg().toBuffer();
    const sizes = await Promise.all(
      Array.from({ length: 4 }, () => sharp(photo).rotate(90).resize(1600).webp().toBuffer()),
    );
    return sizes.length;
  },
};
