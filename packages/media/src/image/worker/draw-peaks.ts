import type { Colour, WaveformJob } from "../image-job.js";

/** Silence is a line of this height in pixels. */
const LEAST_HEIGHT = 1;
/** Shades between background and waveform, for smooth edges. */
const SHADES = 256;

/** Draws a waveform on its background, as pixels of RGBA. Pure. */
export function drawPeaks({ size, columns, color, background }: Omit<WaveformJob, "output">): Buffer {
  const { width, height } = size;
  const shades = Array.from({ length: SHADES }, (_, shade) => over(color, background, shade / (SHADES - 1)));
  // Of any byte order: the words are only copied.
  const pixels = new Uint32Array(width * height).fill(shades[0] ?? 0);
  const laneHeight = height / columns.length;
  columns.forEach((peaks, lane) => {
    const middle = (lane + 0.5) * laneHeight;
    for (let x = 0; x < width; x++) {
      const [top, bottom] = extentOf(peaks[2 * x] ?? 0, peaks[2 * x + 1] ?? 0, middle, laneHeight / 2);
      for (let y = Math.floor(top); y < Math.min(height, Math.ceil(bottom)); y++) {
        const covered = Math.min(bottom, y + 1) - Math.max(top, y);
        pixels[y * width + x] = shades[Math.round(covered * (SHADES - 1))] ?? 0;
      }
    }
  });
  return Buffer.from(pixels.buffer);
}

/** Upper and lower end of a column in pixels. What exceeds full scale is cut. */
function extentOf(minimum: number, maximum: number, middle: number, scale: number): [top: number, bottom: number] {
  const within = (level: number) => middle - Math.max(-1, Math.min(1, level)) * scale;
  const [top, bottom] = [within(maximum), within(minimum)];
  if (bottom - top >= LEAST_HEIGHT) return [top, bottom];
  // On whole rows: between two of them it would be pale.
  const row = Math.floor(Math.min((top + bottom) / 2, middle + scale - LEAST_HEIGHT));
  return [row, row + LEAST_HEIGHT];
}

/** A colour over another, by `share`, as the four bytes of a pixel. */
function over(color: Colour, background: Colour, share: number): number {
  const alpha = color.alpha * share;
  const below = background.alpha * (1 - alpha);
  const whole = alpha + below;
  const mixed = (one: number, other: number) => (whole === 0 ? 0 : Math.round((one * alpha + other * below) / whole));
  const { r, g, b } = background;
  const bytes = [mixed(color.r, r), mixed(color.g, g), mixed(color.b, b), Math.round(whole * 255)];
  return new Uint32Array(Uint8Array.from(bytes).buffer)[0] ?? 0;
}
