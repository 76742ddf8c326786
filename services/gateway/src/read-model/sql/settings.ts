/**
 * How the database is to look for rows. Every list has an index that leads along it in its order; but a database that does not
 * know yet how much lies in a table, while a batch fills it or because nobody counts (PGlite), takes all of a batch for a few
 * rows and sorts them. So sorting, and gathering what is to be sorted, is what it only does where there is no other way.
 */
export const SETTINGS: Readonly<Record<string, string>> = { enable_sort: "off", enable_bitmapscan: "off", jit: "off" };
