import { Outlet } from "react-router";
import { Allowed } from "@/app/Allowed";
import { DraftProvider } from "./draft_context";

/** Keeps passwords in memory while one goes from the wizard to the progress page and back. */
export function CreateLayout() {
  return (
    <Allowed permissions={["pipelines.create"]}>
      <DraftProvider>
        <Outlet />
      </DraftProvider>
    </Allowed>
  );
}
