//! An exporter for Prometheus: answers over HTTP, on the machine itself. Looks at the segment only when it is asked.

use std::net::SocketAddr;

use segment::Now;
use tiny_http::{Header, Method, Request, Response, Server};

use crate::args::{Arguments, Format};
use crate::exit::{Exit, Failure};
use crate::metrics::{content_type, metrics};
use crate::select::Selection;
use crate::source::Source;
use crate::{Ended, Stage};

/// What somebody with a browser is told.
const INDEX: &str = "parlorstat: the metrics are at /metrics\n";

/// `--listen`.
pub(crate) fn listen(
    address: SocketAddr,
    arguments: &Arguments,
    stage: &mut Stage<'_>,
) -> Result<Exit, Ended> {
    let exporter = Exporter::open(address, arguments)?;
    writeln!(stage.err, "parlorstat: answers at http://{}/metrics", exporter.address())?;
    exporter.serve(arguments.count, || stage.clock.now())?;
    Ok(Exit::Live)
}

/// Answers requests.
pub(crate) struct Exporter<'a> {
    server: Server,
    source: Source,
    selection: Selection<'a>,
}

impl<'a> Exporter<'a> {
    /// Listens at the address.
    pub fn open(address: SocketAddr, arguments: &'a Arguments) -> Result<Exporter<'a>, Failure> {
        let failed =
            |error| Failure { exit: Exit::Failed, text: format!("cannot listen at {address}: {error}") };
        let server = Server::http(address).map_err(failed)?;
        Ok(Exporter { server, source: Source::new(arguments.place()), selection: arguments.selection() })
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        self.server.server_addr().to_string()
    }

    /// Answers so many requests; without a number, for ever.
    pub fn serve(mut self, mut left: Option<u64>, mut now: impl FnMut() -> Now) -> Result<(), Ended> {
        while left != Some(0) {
            let request = self.server.recv()?;
            let answer = self.answer(&request, now());
            // Whoever asked may be gone.
            let _ = request.respond(answer);
            left = left.map(|left| left - 1);
        }
        Ok(())
    }

    fn answer(&mut self, request: &Request, now: Now) -> Response<std::io::Cursor<Vec<u8>>> {
        if !matches!(request.method(), Method::Get | Method::Head) {
            return Response::from_string("only GET and HEAD\n").with_status_code(405);
        }
        match request.url().split('?').next().unwrap_or_default() {
            "/metrics" => {
                let format = wanted(request);
                let mut sample = self.source.read(now).ok();
                if let Some(sample) = &mut sample {
                    self.selection.apply(sample);
                }
                let page = metrics(sample.as_ref(), format);
                Response::from_string(page).with_header(header("Content-Type", content_type(format)))
            }
            "/" => Response::from_string(INDEX),
            _ => Response::from_string("there is only /metrics\n").with_status_code(404),
        }
    }
}

/// OpenMetrics for whoever understands it.
fn wanted(request: &Request) -> Format {
    let accepts = request.headers().iter().filter(|header| header.field.equiv("Accept"));
    let modern =
        accepts.into_iter().any(|header| header.value.as_str().contains("application/openmetrics-text"));
    if modern { Format::Openmetrics } else { Format::Text }
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("both are ASCII")
}
