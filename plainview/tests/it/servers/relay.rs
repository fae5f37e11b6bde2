//! A relay before a server: passes bytes on, keeps every request line, and answers in the server's place where it is told.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// An answer given in the place of the server's.
pub(crate) struct Rule {
    /// The request's method.
    pub(crate) method: &'static str,
    /// Part of its target.
    pub(crate) target: String,
    /// How often it is given.
    pub(crate) times: usize,
    /// The whole answer; the connection ends with it.
    pub(crate) answer: Vec<u8>,
}

#[derive(Default)]
struct State {
    requests: Vec<String>,
    rules: Vec<Rule>,
}

/// A relay; lives as long as the test run.
pub(crate) struct Relay {
    /// Where it listens.
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
}

impl Relay {
    /// Starts a relay to `127.0.0.1:port`.
    pub(crate) fn start(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), shared) = (client, Arc::clone(&shared)) else {
                    break;
                };
                // A connection that breaks off is the client's or the server's business.
                std::thread::spawn(move || drop(serve(client, port, &shared)));
            }
        });
        Self { port: own, state }
    }

    /// Every `METHOD target` since the last call.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    /// Answers in the place of the server.
    pub(crate) fn rule(&self, rule: Rule) {
        self.state.lock().unwrap().rules.push(rule);
    }
}

/// Serves one connection. Requests that read have no body, so one ends where its head ends.
fn serve(mut client: TcpStream, port: u16, state: &Mutex<State>) -> std::io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    let (mut back_from, mut back_to) = (server.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut back_from, &mut back_to);
        let _ = back_to.shutdown(Shutdown::Both);
    });
    let mut pending = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = client.read(&mut buffer)?;
        if read == 0 {
            return server.shutdown(Shutdown::Both);
        }
        pending.extend_from_slice(&buffer[..read]);
        while let Some(end) = pending.windows(4).position(|four| four == b"\r\n\r\n") {
            let head: Vec<u8> = pending.drain(..end + 4).collect();
            match answer(&head, state) {
                Some(answer) => {
                    client.write_all(&answer)?;
                    client.shutdown(Shutdown::Both)?;
                    return server.shutdown(Shutdown::Both);
                }
                None => server.write_all(&head)?,
            }
        }
    }
}

/// Keeps a request; the answer that a rule gives to it.
fn answer(head: &[u8], state: &Mutex<State>) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(head);
    let line = text.lines().next().unwrap_or_default();
    let mut words = line.split(' ');
    let method = words.next().unwrap_or_default();
    let target = words.next().unwrap_or_default();
    let mut state = state.lock().unwrap();
    state.requests.push(format!("{method} {target}"));
    let rule = state
        .rules
        .iter_mut()
        .find(|rule| rule.times > 0 && rule.method == method && target.contains(&rule.target))?;
    rule.times -= 1;
    Some(rule.answer.clone())
}
