import "./frame.css";
import { Link, Outlet } from "@tanstack/react-router";
import { useLiveBatches } from "../live/use-live-batches.js";
import { ThemeChoice } from "./theme-choice.js";
import { WhoAmI } from "./who-am-i.js";

const PAGES = {
  "/batches": "Batches",
  "/voices": "Voices",
  "/destinations": "Destinations",
  "/usage": "Usage",
  "/keys": "Keys",
  "/users": "Users",
  "/audit": "Audit",
};

/** What surrounds every page. */
export function Frame() {
  const isConnected = useLiveBatches();
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
          {Object.entries(PAGES).map(([path, name]) => (
            <Link key={path} to={path}>
              {name}
            </Link>
          ))}
        </nav>
        <span role="status" class="frame-offline">
          {isConnected ? null : "Not connected. Trying again…"}
        </span>
        <WhoAmI />
        <ThemeChoice />
      </header>
      <main id="content" class="frame-content">
        <Outlet />
      </main>
    </>
  );
}
