import sharp from "sharp";

/** Size in pixels of an image after all of it was decoded; older releases of ffmpeg read no AVIF. Throws if it is damaged. */
export async function decodedImageSize(path: string): Promise<{ width: number; height: number }> {
  const { info } = await sharp(path, { failOn: "warning" }).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height };
}
