import { useNavigate } from "@tanstack/react-router";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Rows, scrolledPx, scrollTopOf, seenRows } from "./scaled-rows.js";
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

/** Tiles in a scrolled box, of which only those seen exist. */
export function VideoGrid({ batchId, filter, total }: VideoGridProps) {
  const box = useRef<HTMLDivElement>(null);
  const { widthPx, heightPx } = useSize(box);
  const [scrollTop, setScrollTop] = useState(0);
  const columns = Math.max(1, Math.floor(widthPx / TILE_PX));
  const rows: Rows = { count: Math.ceil(total / columns), rowPx: ROW_PX, boxPx: heightPx };
  const { first, end, abovePx } = seenRows(rows, scrollTop);
  const seen = { first: first * columns, end: Math.min(total, end * columns) };
  const videoAt = useVideoPages(batchId, filter, seen);
  const goTo = (index: number): void => {
    const at = Math.min(Math.max(0, index), total - 1);
    if (box.current) box.current.scrollTop = scrollTopOf(rows, Math.floor(at / columns));
  };
  useLayoutEffect(() => {
    if (widthPx > 0 && filter.from) goTo(filter.from);
  }, [widthPx > 0]);
  useAddress(seen.first);
  return (
    <>
      <JumpTo total={total} jumped={goTo} />
      <div
        ref={box}
        class="grid-box"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        onScroll={({ currentTarget }) => setScrollTop(currentTarget.scrollTop)}
      >
        <div style={{ height: `${scrolledPx(rows)}px` }}>
          <ul
            class="grid"
            style={{
              gridTemplateColumns: `repeat(${columns}, 1fr)`,
              height: `${heightPx}px`,
              gridAutoRows: `${ROW_PX}px`,
              transform: `translateY(${-abovePx}px)`,
            }}
          >
            {Array.from({ length: seen.end - seen.first }, (_, i) => seen.first + i).map((index) => (
              <Tile key={index} batchId={batchId} index={index} video={videoAt(index)} total={total} />
            ))}
          </ul>
        </div>
      </div>
    </>
  );
}

function JumpTo({ total, jumped }: { readonly total: number; jumped(index: number): void }) {
  const [number, setNumber] = useState("");
  return (
    <form
      class="jump"
      onSubmit={(event) => {
        event.preventDefault();
        if (number !== "") jumped(Number(number) - 1);
      }}
    >
      <label>
        Jump to{" "}
        <input
          type="number"
          min={1}
          max={total}
          value={number}
          onInput={({ currentTarget }) => setNumber(currentTarget.value)}
        />
      </label>{" "}
      <button type="submit">Go</button>
    </form>
  );
}

/** Size of an element, as it changes. */
function useSize(element: { readonly current: HTMLElement | null }) {
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
