/** A figure in a line of its own; without a name it goes on with the one before. */
export const row = (name: string, text: string): string => `  ${name.padEnd(13)}${text}`;
