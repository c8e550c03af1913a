// React with its router, and no sign-in: what any React app loads at least.
import { start } from "./page.jsx";

start({
  useUser: () => null,
  onSignIn: () => location.assign("/login"),
  onCall: async (route) => (await fetch(route.path)).text(),
});
