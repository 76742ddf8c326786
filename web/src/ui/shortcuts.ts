import { useEffect, useRef } from "preact/hooks";

/** What a key does, by its name in events: "j", "ArrowLeft". */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Keys that work on the whole page, but not while something is typed or chosen, nor with another key held down. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target)) return;
      const act = latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}

/** Whether what has the focus has a use of its own for keys. */
const takesKeys = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("input, select, textarea, video, dialog, [contenteditable]") !== null;
