//! `discreet SECRETS FILE...`: whether files with what a test run has printed hold a secret that the tests have used.
//!
//! SECRETS is the file that `SF209X_SECRETS` named for that run. Each secret is planted first, in each of its forms, and must be found.

use std::path::Path;
use std::process::ExitCode;

use tests::discretion::Secrets;
use tests::system::root;

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    match search(&files) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("discreet: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How many secrets are found, each of which is told of.
fn search(files: &[String]) -> Result<usize, String> {
    let [noted, outputs @ ..] = files else {
        return Err("usage: discreet SECRETS FILE...".to_owned());
    };
    let read =
        |file: &Path| std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()));
    let text = |file: &Path| Ok::<_, String>(String::from_utf8_lossy(&read(file)?).into_owned());
    let folder = root().join("wsdl/samples");
    let samples = std::fs::read_dir(&folder).map_err(|error| error.to_string())?;
    let samples: Result<Vec<String>, String> =
        samples.flatten().map(|file| text(&file.path())).collect();
    let samples = samples?;
    let secrets = Secrets::new(&text(Path::new(noted))?, samples.iter().map(String::as_str))?;
    let planted = secrets.control()?;
    let mut leaks = 0;
    for file in outputs {
        for (line, kind) in secrets.in_text(&read(Path::new(file))?) {
            println!("{file}:{line}: a {kind}");
            leaks += 1;
        }
    }
    let counts = secrets.counts().iter();
    let counts: Vec<String> = counts
        .map(|(kind, count)| format!("{count} of the kind {kind}"))
        .collect();
    println!(
        "{} ({planted} forms, each found where it was planted): {leaks} in what was printed",
        counts.join(", ")
    );
    Ok(leaks)
}
