/** A text without control characters and halves of characters, which cannot be stored or shown, of limited length. */
export const printable = (text: string, maxLength: number): string =>
  Array.from(text.replace(/[\p{Cc}\p{Cs}]/gu, ""))
    .slice(0, maxLength)
    .join("");
