/**
 * Query planner settings. Every list has an index in its order; but without statistics, while a batch fills a table or
 * with PGlite, the planner would read and sort the whole batch for a few rows. So sorting and bitmap scans are used
 * only if there is no alternative.
 */
export const SETTINGS: Readonly<Record<string, string>> = { enable_sort: "off", enable_bitmapscan: "off", jit: "off" };
