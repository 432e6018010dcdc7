import { Outlet } from "react-router";
import { DraftProvider } from "./draft_context";

/** Keeps passwords in memory while one goes from the wizard to the progress page and back. */
export function CreateLayout() {
  return (
    <DraftProvider>
      <Outlet />
    </DraftProvider>
  );
}
