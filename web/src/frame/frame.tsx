import "./frame.css";
import { Link, Outlet } from "@tanstack/react-router";
import { ThemeChoice } from "./theme-choice.js";
import { WhoAmI } from "./who-am-i.js";

/** What surrounds every page. */
export function Frame() {
  return (
    <>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <header class="frame-bar">
        <Link to="/batches" className="frame-mark">
          Polyreel
        </Link>
        <nav aria-label="Main">
          <Link to="/batches">Batches</Link>
        </nav>
        <WhoAmI />
        <ThemeChoice />
      </header>
      <main id="content" class="frame-content">
        <Outlet />
      </main>
    </>
  );
}
