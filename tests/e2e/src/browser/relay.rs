//! A SOCKS 5 server (RFC 1928) between a browser and this machine. It leads the origin of the site, which all tests share, to the
//! port of this test's site, and it can take the network away.

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::site::Destination;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const CONNECT: u8 = 1;
/// Types of addresses.
const IPV4: u8 = 1;
const NAME: u8 = 3;
/// Replies. The address in a reply is of no use to a browser, so it is zero.
const SUCCEEDED: [u8; 10] = [VERSION, 0, 0, IPV4, 0, 0, 0, 0, 0, 0];
const NETWORK_UNREACHABLE: [u8; 10] = [VERSION, 3, 0, IPV4, 0, 0, 0, 0, 0, 0];

/// The running server. It ends with the runtime of the test.
#[derive(Clone, Debug)]
pub struct Relay {
    port: u16,
    offline: Arc<watch::Sender<bool>>,
}

impl Relay {
    /// Starts a server that leads to `site` what is meant for it, and everything else to this machine.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(site: Destination) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let offline = Arc::new(watch::Sender::new(false));
        let network = offline.subscribe();
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                tokio::spawn(serve(browser, site.clone(), network.clone()));
            }
        });
        Ok(Self { port, offline })
    }

    /// Its port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Closes all connections and refuses new ones, or allows them again.
    pub(super) fn set_offline(&self, offline: bool) {
        self.offline.send_replace(offline);
    }
}

/// Serves one connection until either side or the network ends it.
async fn serve(
    mut browser: TcpStream,
    site: Destination,
    mut offline: watch::Receiver<bool>,
) -> Result<()> {
    let (host, port) = requested(&mut browser).await?;
    if *offline.borrow() {
        return Ok(browser.write_all(&NETWORK_UNREACHABLE).await?);
    }
    let port = site.port_of(&host, port);
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return Ok(browser.write_all(&NETWORK_UNREACHABLE).await?);
    };
    browser.write_all(&SUCCEEDED).await?;
    tokio::select! {
        copied = copy_bidirectional(&mut browser, &mut server) => { copied?; }
        lost = offline.wait_for(|offline| *offline) => { lost?; }
    }
    Ok(())
}

/// Reads the greeting and the request, and returns the host and the port that the browser wants.
async fn requested(browser: &mut TcpStream) -> Result<(String, u16)> {
    ensure!(browser.read_u8().await? == VERSION, "not SOCKS 5");
    let mut methods = vec![0; browser.read_u8().await?.into()];
    browser.read_exact(&mut methods).await?;
    browser.write_all(&[VERSION, NO_AUTHENTICATION]).await?;

    let mut head = [0; 4];
    browser.read_exact(&mut head).await?;
    let [version, command, _, kind] = head;
    ensure!(version == VERSION && command == CONNECT, "not a connection");
    let host = match kind {
        IPV4 => Ipv4Addr::from_bits(browser.read_u32().await?).to_string(),
        NAME => {
            let mut name = vec![0; browser.read_u8().await?.into()];
            browser.read_exact(&mut name).await?;
            String::from_utf8(name).context("a host name that is no text")?
        }
        _ => bail!("an address of type {kind}"),
    };
    Ok((host, browser.read_u16().await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers each connection with one byte, and its port.
    async fn server(answer: u8) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    stream.write_u8(answer).await.unwrap();
                    // Until the other side ends it.
                    let _ = stream.read_u8().await;
                });
            }
        });
        port
    }

    /// Asks for a connection; the reply code and the stream.
    async fn connect(relay: &Relay, host: &str, port: u16) -> (u8, TcpStream) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, relay.port()))
            .await
            .unwrap();
        stream.write_all(&[VERSION, 1, 0]).await.unwrap();
        assert_eq!(stream.read_u16().await.unwrap(), 0x0500);
        let length = u8::try_from(host.len()).unwrap();
        let request = [&[VERSION, CONNECT, 0, NAME, length], host.as_bytes()].concat();
        stream.write_all(&request).await.unwrap();
        stream.write_u16(port).await.unwrap();
        let mut reply = [0; 10];
        stream.read_exact(&mut reply).await.unwrap();
        (reply[1], stream)
    }

    #[tokio::test]
    async fn only_the_origin_of_the_site_leads_to_another_port() {
        let (site, cloud) = (server(1).await, server(2).await);
        let destination = Destination::new(cloud, site, &["insecure.test"]);
        let relay = Relay::start(destination).await.unwrap();
        for (host, answer) in [("localhost", 1), ("insecure.test", 1), ("a.localhost", 2)] {
            let (reply, mut stream) = connect(&relay, host, cloud).await;
            assert_eq!((reply, stream.read_u8().await.unwrap()), (0, answer));
        }
    }

    #[tokio::test]
    async fn without_a_network_connections_end_and_new_ones_are_refused() {
        let site = server(1).await;
        let relay = Relay::start(Destination::new(site, site, &[]))
            .await
            .unwrap();
        let (_, mut open) = connect(&relay, "localhost", site).await;
        assert_eq!(open.read_u8().await.unwrap(), 1);
        relay.set_offline(true);
        assert!(open.read_u8().await.is_err());
        assert_eq!(connect(&relay, "localhost", site).await.0, 3);
        relay.set_offline(false);
        assert_eq!(connect(&relay, "localhost", site).await.0, 0);
    }
}
