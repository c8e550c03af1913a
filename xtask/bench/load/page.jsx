// The start page of the console for a guest, in React: the same elements and texts, for both peers.
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, Link, Route, Routes } from "react-router";

const ROUTES = [
  { name: "Open route", path: "/no-auth", protection: "API key only", kind: "open" },
  { name: "Protected route", path: "/require-auth", protection: "Signed (IAM) + API key", kind: "guarded" },
];

function Card({ route, onCall }) {
  const [answer, setAnswer] = useState("");
  return (
    <article className="card">
      <div className="card-head">
        <h3>{route.name}</h3>
        <span className={`protection protection-${route.kind}`}>{route.protection}</span>
      </div>
      <p className="card-route">
        <span className="method">GET</span> <code>{route.path}</code>
      </p>
      <button className="button button-primary" onClick={() => onCall(route).then(setAnswer, (error) => setAnswer(String(error)))}>
        Call
      </button>
      <div className="answer" role="status">{answer}</div>
    </article>
  );
}

function Home({ onCall }) {
  return (
    <>
      <h1>Behind the velvet rope</h1>
      <section className="auth-state" aria-label="Sign-in status">
        <p>You are a guest. Open routes work without signing in; sign in to call the others.</p>
      </section>
      <section>
        <h2>Routes</h2>
        <div className="cards">
          {ROUTES.map((route) => (
            <Card key={route.path} route={route} onCall={onCall} />
          ))}
        </div>
      </section>
    </>
  );
}

function Page({ useUser, onSignIn, onCall }) {
  const user = useUser();
  return (
    <BrowserRouter>
      <header className="site-header">
        <Link className="brand" to="/">Velvet Rope</Link>
        <nav className="header-session">
          {user === undefined ? null : user ? (
            <span>{user}</span>
          ) : (
            <button className="sign-in-button button button-primary" onClick={onSignIn}>Sign in</button>
          )}
        </nav>
      </header>
      <main id="main">
        <Routes>
          <Route path="/" element={<Home onCall={onCall} />} />
          <Route path="/authenticated" element={<p>Signing you in…</p>} />
          <Route path="*" element={<h1>Not found</h1>} />
        </Routes>
      </main>
      <footer className="site-footer">
        <p>Sign-in and signed API calls.</p>
      </footer>
    </BrowserRouter>
  );
}

export function start(parts) {
  createRoot(document.getElementById("root")).render(<Page {...parts} />);
}
