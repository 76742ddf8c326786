const format = new Intl.NumberFormat();

/** "1,234,567", in the person's language. */
export const shown = (count: bigint | number): string => format.format(count);
