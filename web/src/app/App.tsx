import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { RouterProvider } from "react-router";
import { Problem } from "@/api/problem";
import { ToastProvider } from "@/components/Toasts";
import { router } from "./routes";
import { schemeManager, theme } from "./theme";

const kMostRetries = 2;

function queryClient() {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // A refusal stays one however often it is asked for.
        retry: (failures, fault) =>
          failures < kMostRetries && !(fault instanceof Problem && fault.status >= 400 && fault.status < 500),
      },
    },
  });
}

export function App() {
  const [client] = useState(queryClient);
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={schemeManager}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={client}>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
