const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** Alerts for a world in which time runs `factor` times faster: windows, `for`, and the age of messages are that much shorter. */
export function accelerate(text: string, factor: number): string {
  const shorter = (amount: string, unit: string) =>
    `${Math.round((1000 * Number(amount) * SECONDS[unit as keyof typeof SECONDS]) / factor)}ms`;
  return text
    .replace(/(?<=\[)(\d+)([smh])(?=\])/g, (_, amount, unit) => shorter(amount, unit))
    .replace(/(?<=for: )(\d+)([smh])$/gm, (_, amount, unit) => shorter(amount, unit))
    .replace(/(?<=polyreel_stage_oldest_seconds\) > )(\d+)/g, (_, seconds) => String(Number(seconds) / factor));
}
