import { useNavigate } from "@tanstack/react-router";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { JumpTo } from "./jump-to.js";
import { type Rows, scrolledPx, scrollTopOf, scrollTopToShow, seenRows } from "./scaled-rows.js";
import { Tile } from "./tile.js";
import { useVideoPages } from "./use-videos.js";
import type { VideosFilter } from "./videos-filter.js";

const TILE_PX = 190;
const ROW_PX = 270;
/** How long the scrollbar rests before the address tells where it is. */
const REST_MS = 400;

interface VideoGridProps {
  readonly batchId: string;
  readonly filter: VideosFilter;
  readonly total: number;
}

/** Tiles in a scrolled box, of which only those seen exist. Arrow keys walk from tile to tile. */
export function VideoGrid({ batchId, filter, total }: VideoGridProps) {
  const box = useRef<HTMLDivElement>(null);
  const { widthPx, heightPx } = useSize(box);
  const [scrollTop, setScrollTop] = useState(0);
  const columns = Math.max(1, Math.floor(widthPx / TILE_PX));
  const rows: Rows = { count: Math.ceil(total / columns), rowPx: ROW_PX, boxPx: heightPx };
  const { first, end, abovePx } = seenRows(rows, scrollTop);
  const seen = { first: first * columns, end: Math.min(total, end * columns) };
  const videoAt = useVideoPages(batchId, filter, seen);
  const scrollTo = (top: number): void => {
    if (box.current) box.current.scrollTop = top;
  };
  const jumpTo = (index: number): void => scrollTo(scrollTopOf(rows, Math.floor(index / columns)));
  const isMeasured = widthPx > 0;
  useLayoutEffect(() => {
    if (isMeasured && filter.from) jumpTo(Math.min(filter.from, total - 1));
  }, [isMeasured]);
  useAddress(seen.first);
  const { reached, keyDown } = useWalk(box, {
    total,
    columns,
    rowsSeen: Math.max(1, Math.floor(heightPx / ROW_PX)),
    seen,
    show: (index) => scrollTo(scrollTopToShow(rows, Math.floor(index / columns), scrollTop)),
  });
  return (
    <>
      <JumpTo total={total} jumped={jumpTo} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its keys walk among the links in it. */}
      <div
        ref={box}
        class="grid-box"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        onScroll={({ currentTarget }) => setScrollTop(currentTarget.scrollTop)}
        onKeyDown={keyDown}
      >
        <div style={{ height: `${scrolledPx(rows)}px` }}>
          <ul
            class="grid"
            style={{
              gridTemplateColumns: `repeat(${columns}, 1fr)`,
              gridAutoRows: `${ROW_PX}px`,
              height: `${heightPx}px`,
              transform: `translateY(${-abovePx}px)`,
            }}
          >
            {Array.from({ length: seen.end - seen.first }, (_, i) => seen.first + i).map((index) => (
              <Tile
                key={index}
                {...{ batchId, index, total, video: videoAt(index), isReached: index === (reached ?? seen.first) }}
              />
            ))}
          </ul>
        </div>
      </div>
    </>
  );
}

/** Size of an element, as it changes. */
function useSize(element: RefObject<HTMLElement>) {
  const [size, setSize] = useState({ widthPx: 0, heightPx: 0 });
  useLayoutEffect(() => {
    if (!element.current) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ widthPx: entry.contentRect.width, heightPx: entry.contentRect.height });
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return size;
}

/** Keeps the first seen video in the address, so that a reload and a shared link show the same. */
function useAddress(first: number): void {
  const navigate = useNavigate({ from: "/batches/$batchId/videos" });
  useEffect(() => {
    const rest = setTimeout(() => {
      void navigate({
        search: ({ from: _, ...search }) => ({ ...search, ...(first > 0 && { from: first }) }),
        replace: true,
        resetScroll: false,
      });
    }, REST_MS);
    return () => clearTimeout(rest);
  }, [first]);
}

interface Walk {
  readonly total: number;
  readonly columns: number;
  readonly rowsSeen: number;
  readonly seen: { readonly first: number; readonly end: number };
  show(index: number): void;
}

/** Walks from tile to tile by keys: one of them is reached by Tab, the others from it. */
function useWalk(box: RefObject<HTMLElement>, { total, columns, rowsSeen, seen, show }: Walk) {
  const [reached, setReached] = useState<number>();
  const isWalking = useRef(false);
  const moves: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    PageDown: columns * rowsSeen,
    PageUp: -columns * rowsSeen,
    Home: -total,
    End: total,
  };
  const keyDown = (event: KeyboardEvent): void => {
    const move = moves[event.key];
    if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const isInside = event.target !== event.currentTarget;
    const next = isInside ? Math.min(Math.max(0, (reached ?? seen.first) + move), total - 1) : seen.first;
    isWalking.current = true;
    setReached(next);
    show(next);
  };
  useEffect(() => {
    if (!isWalking.current || reached === undefined) return;
    const tile = box.current?.querySelector<HTMLElement>(`[data-index="${reached}"] a`);
    tile?.focus({ preventScroll: true });
    if (tile) isWalking.current = false;
  });
  return {
    reached: reached !== undefined && reached >= seen.first && reached < seen.end ? reached : undefined,
    keyDown,
  };
}
