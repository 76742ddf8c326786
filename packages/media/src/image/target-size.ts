/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export type ImageFit = "cover" | "contain" | "fill" | "inside" | "outside";

interface Box {
  /** 0: not given. */
  readonly width: number;
  readonly height: number;
  readonly fit: ImageFit;
  readonly enlarge: boolean;
}

/** How an image is resized: scaled, then cropped to or placed on the result. */
export interface Resizing {
  /** The whole image's. */
  readonly scaled: Size;
  readonly result: Size;
}

/**
 * The size of an image fitted into a box, pure. With one side, the other follows from its shape. Unless enlarged, no side
 * becomes longer than it was: "cover" then reduces the box and keeps its shape, "contain" keeps the box and surrounds the
 * image.
 */
export function targetSize(image: Size, { width, height, fit, enlarge }: Box): Resizing {
  const limit = (factor: number) => (enlarge ? factor : Math.min(1, factor));
  if (width === 0 && height === 0) return { scaled: image, result: image };
  const across = width / image.width;
  const down = height / image.height;
  if (width === 0 || height === 0) return whole(scaledBy(limit(width === 0 ? down : across), image, { width, height }));
  switch (fit) {
    case "inside":
      return whole(scaledBy(limit(Math.min(across, down)), image, { width, height }));
    case "outside":
      return whole(scaledBy(limit(Math.max(across, down)), image, { width: 0, height: 0 }));
    case "fill":
      return whole(enlarge ? { width, height } : smaller(image, { width, height }));
    case "contain":
      return {
        scaled: scaledBy(limit(Math.min(across, down)), image, { width, height }),
        result: { width, height },
      };
    case "cover": {
      const reduced = enlarge ? 1 : Math.min(1, 1 / across, 1 / down);
      const result = { width: pixels(width * reduced), height: pixels(height * reduced) };
      const factor = Math.max(result.width / image.width, result.height / image.height);
      const { width: w, height: h } = scaledBy(factor, image, { width: 0, height: 0 });
      return { scaled: { width: Math.max(w, result.width), height: Math.max(h, result.height) }, result };
    }
  }
}

const whole = (size: Size): Resizing => ({ scaled: size, result: size });

/** Rounding must not exceed the box; 0: no limit. */
function scaledBy(factor: number, image: Size, most: Size): Size {
  const side = (length: number, limit: number) => Math.min(pixels(length * factor), limit || Number.POSITIVE_INFINITY);
  return { width: side(image.width, most.width), height: side(image.height, most.height) };
}

const smaller = (one: Size, other: Size): Size => ({
  width: Math.min(one.width, other.width),
  height: Math.min(one.height, other.height),
});

const pixels = (length: number): number => Math.max(1, Math.round(length));
