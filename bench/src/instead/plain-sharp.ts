import sharp from "sharp";

// Resizes images as a script would, one after the other: plain-sharp.js <folder> <width> <count> <image>...

const [folder = "", width = "", count = "", ...images] = process.argv.slice(2);
for (let i = 0; i < Number(count); i++) {
  const image = sharp(images[i % images.length]).autoOrient();
  await image
    .resize({ width: Number(width) })
    .webp()
    .toFile(`${folder}/${i}.webp`);
}
