/** Window over which a cap holds, in seconds of its rate: what players buffer before they start. */
export const CAP_SECONDS = 2;

/** A rate as ffmpeg's options write it. */
export const kilo = (kbps: number): string => `${Math.round(kbps)}k`;
