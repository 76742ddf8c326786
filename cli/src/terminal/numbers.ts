/** 1234567 as "1,234,567". */
export const formatCount = (count: number | bigint): string => count.toLocaleString("en-US");

/** Formats seconds: "0.8 s", "12 s", "3:07 min", "2:05 h". */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}:${twoDigits(whole % 60)} min`;
  return `${Math.floor(whole / 3600)}:${twoDigits(Math.floor((whole % 3600) / 60))} h`;
}

/** Formats bytes: "512 bytes", "8.4 kB", "7.4 MB", "65 GB". */
export function formatBytes(bytes: number | bigint): string {
  let size = Number(bytes);
  if (size < 1000) return counted(Math.round(size), "byte");
  let unit = -1;
  while (size >= 999.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${formatRatio(size)} ${BYTE_UNITS[unit]}`;
}

const BYTE_UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** Formats a ratio, with one decimal if it is small: "1.4", "27". */
export const formatRatio = (ratio: number): string =>
  ratio < 9.95 ? ratio.toFixed(1) : formatCount(Math.round(ratio));

/** "1 video", "3 videos". */
export const counted = (count: number | bigint, singular: string, plural = `${singular}s`): string =>
  `${formatCount(count)} ${Number(count) === 1 ? singular : plural}`;

const twoDigits = (value: number): string => String(value).padStart(2, "0");
