/** Arguments of the plain command for a frame at a time as a JPEG, with fast seek. */
export const thumbnailArguments = (path: string, seconds: number, width: number, to: string): string[] => [
  ...["-ss", seconds.toFixed(3), "-i", path, "-frames:v", "1"],
  ...["-vf", `scale=${width}:-1`, "-q:v", "2", "-update", "1", to],
];

/** Of the plain command for a sheet of tiles of a whole video. */
export const storyboardArguments = (
  path: string,
  { everySeconds, width, columns, rows }: { everySeconds: number; width: number; columns: number; rows: number },
  to: string,
): string[] => [
  ...["-i", path, "-frames:v", "1"],
  ...["-vf", `fps=1/${everySeconds},scale=${width}:-1,tile=${columns}x${rows}`, "-q:v", "2", "-update", "1", to],
];
