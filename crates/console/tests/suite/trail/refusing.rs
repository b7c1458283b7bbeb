//! The sandbox's S3 as somebody sees it who may not read some of its objects, such as those encrypted with another's key.

use sandbox::Description;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

/// What the keys of objects hold that nobody may read.
pub const REFUSED: &str = "Refused";

/// The same sandbox, but for the objects that are refused.
pub async fn refusing(mut description: Description) -> Description {
    let name = "AWS_ENDPOINT_URL_S3";
    let s3 = description.env[name].trim_start_matches("http://").trim_end_matches('/').to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    description.env.insert(name.to_owned(), format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(pass(client, s3.clone()));
        }
    });
    description
}

/// Passes requests without a body on. Those for refused objects lose their signature on the way.
async fn pass(client: TcpStream, s3: String) -> std::io::Result<()> {
    let (mut from_s3, mut to_s3) = TcpStream::connect(s3).await?.into_split();
    let (mut from_client, mut to_client) = client.into_split();
    tokio::spawn(async move { copy(&mut from_s3, &mut to_client).await });
    let mut head = Vec::new();
    loop {
        head.push(from_client.read_u8().await?);
        if head.ends_with(b"\r\n\r\n") {
            let mut text = String::from_utf8(std::mem::take(&mut head)).unwrap();
            let line = text.lines().next().unwrap_or_default();
            if line.starts_with("GET ") && line.split('?').next().unwrap_or_default().contains(REFUSED) {
                let at = text.find("Signature=").unwrap() + "Signature=".len();
                text.replace_range(at..at + 8, "00000000");
            }
            to_s3.write_all(text.as_bytes()).await?;
        }
    }
}
