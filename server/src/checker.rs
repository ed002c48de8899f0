//! Passwords: hashes are made and checked with Argon2, which takes long on purpose, and therefore on a thread of its own.

use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use engine::{ConnId, Secret};

/// A question.
#[derive(Debug)]
pub struct Question {
    /// Who waits for the answer.
    pub conn: ConnId,
    /// What was sent.
    pub secret: Secret,
    /// The hash in PHC string format.
    pub hash: Arc<str>,
}

/// The thread that checks secrets. It is started with the first question, and ends with the checker.
pub struct Checker {
    questions: Option<Sender<Question>>,
    answer: Arc<dyn Fn(ConnId, bool) + Send + Sync>,
}

impl Checker {
    /// A checker that gives its answers, on its own thread, to `answer`.
    pub fn new(answer: impl Fn(ConnId, bool) + Send + Sync + 'static) -> Self {
        Self { questions: None, answer: Arc::new(answer) }
    }

    /// Asks.
    pub fn ask(&mut self, question: Question) {
        let questions = self.questions.get_or_insert_with(|| {
            let (sender, receiver) = mpsc::channel::<Question>();
            let answer = Arc::clone(&self.answer);
            let work = move || {
                for question in receiver {
                    answer(question.conn, matches(&question.secret, &question.hash));
                }
            };
            let started = thread::Builder::new().name("parlord-checker".to_owned()).spawn(work);
            if let Err(error) = started {
                tracing::error!(%error, "no thread to check passwords: those who sent one will wait in vain");
            }
            sender
        });
        // It fails only if the thread could not be started, which was said above.
        let _ = questions.send(question);
    }
}

/// Whether a secret belongs to a hash. A hash that is none matches nothing.
pub fn matches(secret: &Secret, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(secret.0.as_bytes(), &hash).is_ok())
}

/// The hash of a secret, with a salt of its own. What it costs to check it stands in the hash.
pub fn hash(secret: &str, cost: Params) -> Result<String, argon2::password_hash::Error> {
    let salt = SaltString::generate(&mut OsRng);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost);
    Ok(argon2.hash_password(secret.as_bytes(), &salt)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_matches_its_own_hash_only() {
        let hashed = hash("open sesame", Params::DEFAULT).unwrap();
        assert!(hashed.starts_with("$argon2id$"));
        assert!(matches(&Secret("open sesame".to_owned()), &hashed));
        assert!(!matches(&Secret("open sesam".to_owned()), &hashed));
        assert!(!matches(&Secret("open sesame".to_owned()), "open sesame"));
        assert_ne!(hash("open sesame", Params::DEFAULT).unwrap(), hashed, "each hash has its own salt");
    }

    #[test]
    fn a_cheap_hash_says_so_and_matches_as_well() {
        let hashed = hash("word", Params::new(8, 1, 1, None).unwrap()).unwrap();
        assert!(hashed.contains("$m=8,t=1,p=1$"), "{hashed}");
        assert!(
            matches(&Secret("word".to_owned()), &hashed) && !matches(&Secret("work".to_owned()), &hashed)
        );
    }

    #[test]
    fn questions_are_answered_in_order_on_another_thread() {
        let hashed: Arc<str> = hash("one", Params::DEFAULT).unwrap().into();
        let (sender, answers) = mpsc::channel();
        let mut checker = Checker::new(move |conn, matches| sender.send((conn, matches)).unwrap());
        for (conn, secret) in [(1, "one"), (2, "two")] {
            let secret = Secret(secret.to_owned());
            let question = Question { conn: ConnId(conn), secret, hash: Arc::clone(&hashed) };
            checker.ask(question);
        }
        assert_eq!(answers.recv(), Ok((ConnId(1), true)));
        assert_eq!(answers.recv(), Ok((ConnId(2), false)));
    }
}
