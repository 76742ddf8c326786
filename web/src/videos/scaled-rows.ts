/**
 * Browsers clamp the height of an element (Chromium at 33,554,428 px), which a million tiles exceed. Beyond this height,
 * a pixel of the scrollbar stands for several of the content.
 */
const MAX_SCROLLED_PX = 16_000_000;

/** Equally high rows in a scrolled box. */
export interface Rows {
  readonly count: number;
  readonly rowPx: number;
  readonly boxPx: number;
}

/** Rows that are at least partly seen, and how far the first one reaches above the box. */
export interface SeenRows {
  readonly first: number;
  /** Exclusive. */
  readonly end: number;
  readonly abovePx: number;
}

/** Height of what is scrolled. */
export const scrolledPx = ({ count, rowPx }: Rows): number => Math.min(count * rowPx, MAX_SCROLLED_PX);

/** What is seen at a position of the scrollbar. Both ends of the content are reached exactly. */
export function seenRows(rows: Rows, scrollTop: number): SeenRows {
  const { count, rowPx, boxPx } = rows;
  const contentTop = contentTopAt(rows, scrollTop);
  const first = Math.min(Math.floor(contentTop / rowPx), Math.max(0, count - 1));
  const end = Math.min(count, Math.ceil((contentTop + boxPx) / rowPx));
  return { first, end, abovePx: contentTop - first * rowPx };
}

/** Position of the scrollbar at which a row is the first one, or as near to it as the end allows. */
export const scrollTopOf = (rows: Rows, row: number): number =>
  Math.min((row * rows.rowPx) / scaleOf(rows), Math.max(0, scrolledPx(rows) - rows.boxPx));

/** Position of the scrollbar at which a row is seen as a whole: the nearest one to where it is. */
export function scrollTopToShow(rows: Rows, row: number, scrollTop: number): number {
  const { rowPx, boxPx } = rows;
  const contentTop = contentTopAt(rows, scrollTop);
  if (row * rowPx < contentTop) return scrollTopOf(rows, row);
  const wanted = (row + 1) * rowPx - boxPx;
  return wanted > contentTop ? Math.ceil(wanted / scaleOf(rows)) : scrollTop;
}

const contentTopAt = (rows: Rows, scrollTop: number): number =>
  Math.min(Math.max(scrollTop, 0) * scaleOf(rows), Math.max(0, rows.count * rows.rowPx - rows.boxPx));

/** Pixels of the content for one of the scrollbar. */
function scaleOf(rows: Rows): number {
  const { count, rowPx, boxPx } = rows;
  const range = scrolledPx(rows) - boxPx;
  return range > 0 ? (count * rowPx - boxPx) / range : 1;
}
