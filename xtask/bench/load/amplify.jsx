// React with Amplify, as its documentation says, and aws4fetch for signed calls.
import { Amplify } from "aws-amplify";
import { fetchAuthSession, getCurrentUser, signInWithRedirect } from "aws-amplify/auth";
import "aws-amplify/auth/enable-oauth-listener";
import { AwsClient } from "aws4fetch";
import { useEffect, useState } from "react";
import { start } from "./page.jsx";

const BASE_URL = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/latest";

Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: "eu-west-1_AbCdEfGhI",
      userPoolClientId: "1example23456789abcdefghij",
      identityPoolId: "eu-west-1:00000000-1111-2222-3333-444444444444",
      allowGuestAccess: false,
      loginWith: {
        oauth: {
          domain: "your-prefix.auth.eu-west-1.amazoncognito.com",
          scopes: ["openid", "email", "profile"],
          redirectSignIn: [`${location.origin}/authenticated`],
          redirectSignOut: [`${location.origin}/signed-out`],
          responseType: "code",
        },
      },
    },
  },
});

function useUser() {
  const [user, setUser] = useState(undefined);
  useEffect(() => {
    getCurrentUser().then((user) => setUser(user.username), () => setUser(null));
  }, []);
  return user;
}

async function onCall(route) {
  const headers = { "x-api-key": "your-api-gateway-key-value" };
  if (route.kind === "open") return (await fetch(BASE_URL + route.path, { headers })).text();
  const { credentials } = await fetchAuthSession();
  const client = new AwsClient({ ...credentials, service: "execute-api", region: "eu-west-1" });
  return (await client.fetch(BASE_URL + route.path, { headers })).text();
}

start({ useUser, onSignIn: () => signInWithRedirect(), onCall });
