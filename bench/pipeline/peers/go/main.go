// Plain amqp091-go: encoding/json into structs, map by hand, deferred confirms awaited in order, ack one by one. Prefetch 200.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"strconv"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

type source struct {
	No       string `json:"no"`
	Date     string `json:"date"`
	Supplier struct {
		Code string `json:"code"`
	} `json:"supplier"`
	Items []struct {
		Article string  `json:"article"`
		Ean     string  `json:"ean"`
		Text    string  `json:"text"`
		Qty     int     `json:"qty"`
		Pack    int     `json:"pack"`
		Price   float64 `json:"price"`
	} `json:"items"`
}

type line struct {
	Sku         string `json:"sku"`
	Gtin        string `json:"gtin"`
	Description string `json:"description"`
	Quantity    int    `json:"quantity"`
	Price       string `json:"price"`
}

type target struct {
	OrderNumber  string `json:"orderNumber"`
	OrderDate    string `json:"orderDate"`
	SupplierCode string `json:"supplierCode"`
	Lines        []line `json:"lines"`
}

type pending struct {
	confirmation *amqp.DeferredConfirmation
	delivery     amqp.Delivery
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func mapped(body []byte) []byte {
	var in source
	must(json.Unmarshal(body, &in))
	out := target{in.No, in.Date, in.Supplier.Code, make([]line, len(in.Items))}
	for i, item := range in.Items {
		price := strconv.FormatFloat(item.Price, 'f', -1, 64)
		out.Lines[i] = line{item.Article, item.Ean, strings.ToUpper(item.Text), item.Qty * item.Pack, price}
	}
	text, err := json.Marshal(out)
	must(err)
	return text
}

func main() {
	connection, err := amqp.Dial(os.Getenv("BENCH_URI"))
	must(err)
	channel, err := connection.Channel()
	must(err)
	must(channel.Confirm(false))
	must(channel.Qos(200, 0, false))
	deliveries, err := channel.Consume(os.Getenv("BENCH_IN"), "", false, false, false, false, nil)
	must(err)

	inFlight := make(chan pending, 400)
	go func() {
		for each := range inFlight {
			if !each.confirmation.Wait() {
				log.Fatal("a publish was refused")
			}
			must(each.delivery.Ack(false))
		}
	}()
	to := os.Getenv("BENCH_OUT")
	for delivery := range deliveries {
		message := amqp.Publishing{
			Headers:      delivery.Headers,
			ContentType:  delivery.ContentType,
			MessageId:    delivery.MessageId,
			DeliveryMode: amqp.Persistent,
			Body:         mapped(delivery.Body),
		}
		confirmation, err := channel.PublishWithDeferredConfirmWithContext(context.Background(), "", to, true, false, message)
		must(err)
		inFlight <- pending{confirmation, delivery}
	}
	log.Fatal("the channel was closed")
}
