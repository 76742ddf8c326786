/** A labelled row; an empty label continues the row above. */
export const row = (name: string, text: string): string => `  ${name.padEnd(13)}${text}`;
