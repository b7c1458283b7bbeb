//! How people set up their lists for themselves: filters under names of their own, columns, and how close the rows stand.

use domain::ledger::{Action, Object};
use domain::preferences::{Density, FilterName, ListColumn, ListSettings, NotSetUp, OwnList};
use domain::{Actor, Permission};

use crate::{Console, Error};

impl Console {
    /// Saves `query`, the filter of a list, under a name.
    ///
    /// # Errors
    /// [`Error::Invalid`]: the name or the filter is none that can be saved.
    pub async fn save_filter(
        &self,
        actor: &Actor,
        list: OwnList,
        name: &str,
        query: String,
    ) -> Result<(), Error> {
        let name = named("name", name)?;
        self.set_up(actor, list, &format!("saved the filter {name}"), "name", |of| {
            of.save(name.clone(), query)
        })
        .await
    }

    /// Gives a saved filter another name.
    ///
    /// # Errors
    /// [`Error::Invalid`]: the new name is none, or another filter's. [`Error::Conflict`]: there is no such filter.
    pub async fn rename_filter(
        &self,
        actor: &Actor,
        list: OwnList,
        name: &str,
        to: &str,
    ) -> Result<(), Error> {
        let (name, to) = (named("renamed", name)?, named("to", to)?);
        let what = format!("renamed the filter {name} to {to}");
        self.set_up(actor, list, &what, "to", |of| of.rename(&name, to.clone())).await
    }

    /// Forgets a saved filter.
    ///
    /// # Errors
    /// [`Error::Conflict`]: there is no such filter.
    pub async fn delete_filter(&self, actor: &Actor, list: OwnList, name: &str) -> Result<(), Error> {
        let name = named("deleted", name)?;
        self.set_up(actor, list, &format!("deleted the filter {name}"), "deleted", |of| of.delete(&name))
            .await
    }

    /// Shows these columns of a list, and its rows so close.
    pub async fn arrange_list(
        &self,
        actor: &Actor,
        list: OwnList,
        shown: &[ListColumn],
        density: Density,
    ) -> Result<(), Error> {
        self.set_up(actor, list, "arranged the columns", "columns", |of| {
            of.arrange(list, shown, density);
            Ok(())
        })
        .await
    }

    async fn set_up(
        &self,
        actor: &Actor,
        list: OwnList,
        what: &str,
        field: &'static str,
        change: impl FnOnce(&mut ListSettings) -> Result<(), NotSetUp>,
    ) -> Result<(), Error> {
        let object = Object::Route(list.name().to_owned());
        self.allowed(actor, Permission::Read, object.clone()).await?;
        let person = &actor.person.id;
        let (mut preferences, seen) = self.aws.preferences_of(person).await?;
        change(preferences.of_mut(list)).map_err(|why| match why {
            NotSetUp::Gone => Error::Conflict(why.to_string()),
            NotSetUp::TooMany | NotSetUp::Taken | NotSetUp::Nothing | NotSetUp::TooLong => {
                Error::invalid(field, why)
            }
        })?;
        let body = self.told(actor, Action::OwnListChanged, object).with("what", what);
        self.journal.commit(vec![self.aws.keep_preferences(person, &preferences, seen)?], &body).await?;
        Ok(())
    }
}

fn named(field: &'static str, text: &str) -> Result<FilterName, Error> {
    text.trim().parse().map_err(|_| {
        Error::invalid(field, "Write a name of 1 to 60 characters, without any that cannot be seen.")
    })
}
