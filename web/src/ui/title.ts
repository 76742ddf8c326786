import { useEffect } from "preact/hooks";

/** Names the page in its tab, in the history, and to readers of screens. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} - Polyreel`;
  }, [title]);
}
